/** Whether this is a Linux with glibc, where libm.so.6 is always there. */
export const hasGlibc = process.platform === "linux" && glibcVersion() !== undefined;

function glibcVersion(): unknown {
  const report: { header?: { glibcVersionRuntime?: unknown } } = JSON.parse(
    JSON.stringify(process.report.getReport()),
  );
  return report.header?.glibcVersionRuntime;
}
