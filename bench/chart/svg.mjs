/** SVG elements as text. Coordinates have one decimal, so that the last bits of a float change nothing. */

/**
 * @param {number} x
 * @param {number} y of the baseline
 * @param {string} text
 * @param {string} className
 */
export function drawText(x, y, text, className) {
  return `<text class="${className}" x="${fixed(x)}" y="${fixed(y)}">${escapeText(text)}</text>`;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {string} className
 */
export function rect(x, y, width, height, className) {
  return `<rect class="${className}" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(Math.max(width, 1))}" height="${fixed(height)}"/>`;
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} className
 */
export function rule(x1, y1, x2, y2, className) {
  return `<line class="${className}" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;
}

/** Results come from a file: text never becomes markup. */
export function escapeText(/** @type {string} */ text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function fixed(/** @type {number} */ value) {
  return value.toFixed(1);
}
