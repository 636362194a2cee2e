/** What a child process sees of the environment: a list of what is allowed, so that no secret of the host's gets to a library. */

/** What a library and the C library need to find their way, and nothing that tells Node how to behave. */
const ALLOWED: ReadonlySet<string> = new Set([
  "HOME",
  "HOSTBUNDLE_NATIVE_LOOPS",
  "LANG",
  "LANGUAGE",
  "LD_LIBRARY_PATH",
  "LOGNAME",
  "PATH",
  // Where the configuration of SoftHSM lies: the pkcs11 adapter's most common library.
  "SOFTHSM2_CONF",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "TMPDIR",
  "TZ",
  "USER",
  "USERPROFILE",
  "WINDIR",
]);

/** The environment of a child. `granted`: what the user passes on besides. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  granted: Readonly<Record<string, string>>,
): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isAllowed = ALLOWED.has(name.toUpperCase()) || name.startsWith("LC_");
    if (isAllowed && value !== undefined) allowed[name] = value;
  }
  return { ...allowed, ...granted };
}
