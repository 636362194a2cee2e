/** The look of the chart. No background: it takes the page's, and text and colours follow the reader's mode. */
export const STYLE = `
text{font:11px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.title{font-size:16px;font-weight:600}
.group{font-weight:600}
.note,.tick,.value{fill:#59636e}
.value{font-size:9px}
.row{text-anchor:end}
.tick{text-anchor:middle}
.grid{stroke:#d1d9e0;stroke-width:1}
.spread{stroke:#1f2328;stroke-width:1.5}
.bar{fill:#8c959f}
.hostbundle{fill:#0969da}
.jco{fill:#d4752c}
.jco-koffi{fill:#eac54f}
.wasmtime,.wasmtime-cli{fill:#8250df}
.wamr{fill:#2da44e}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.note,.tick,.value{fill:#9198a1}
.grid{stroke:#3d444d}
.spread{stroke:#e6edf3}
.bar{fill:#6e7681}
.hostbundle{fill:#388bfd}
.jco{fill:#db6d28}
.jco-koffi{fill:#bb8009}
.wasmtime,.wasmtime-cli{fill:#a371f7}
.wamr{fill:#3fb950}
}
`;
