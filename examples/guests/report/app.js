import { Database } from "duckdb:host/sql@0.1.0";
import { getStdout } from "wasi:cli/stdout@0.2.12";

const PRODUCTS = ["anvil", "bellows", "crucible", "drill", "engine", "file", "gauge", "hammer"];

/** Orders of two years. No table of numbers is needed: each order follows from its number. */
const ORDERS = `
  create table orders as
  with numbered as (
    select i, (i * 2654435761) % 4294967296 as noise, DATE '2024-01-01' + (noise % 731)::INTEGER as day
    from range($orders::BIGINT) r(i))
  select
    i as id, day,
    ['north', 'north', 'north', 'east', 'south', 'south', 'west'][1 + (noise // 7) % 7] as region,
    -- What is in demand goes with the seasons.
    ((noise // 11) % 3 + (noise // 29) % 3 + 2 * quarter(day) + year(day)) % 8 as product,
    1 + (noise // 13) % 20 as quantity
  from numbered`;

const BY_REGION = `
  select region, count(*) as orders, sum(quantity) as pieces, sum(quantity * price) as revenue,
    round(100 * sum(quantity * price) / sum(sum(quantity * price)) over (), 1) as share
  from orders join products on products.id = orders.product
  group by region order by revenue desc`;

const BEST = `
  with sold as (
    select quarter(day) as quarter, name, sum(quantity * price) as revenue
    from orders join products on products.id = orders.product
    where year(day) = $year group by all)
  select quarter, name as best, revenue, revenue - lag(revenue) over (order by quarter) as change
  from (select *, row_number() over (partition by quarter order by revenue desc, name) as place from sold)
  where place = 1 order by quarter`;

/** The reason in what a call threw: an error of a \`result\` arrives as an exception with a payload. */
function reasonOf(error) {
  const reason = error?.payload ?? error;
  return String(reason?.message ?? reason);
}

/** With a column's unscaled digits, the number that they mean as text. */
function scaled(unscaled, scale) {
  const digits = String(unscaled)
    .replace("-", "")
    .padStart(scale + 1, "0");
  const whole = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return `${String(unscaled).startsWith("-") ? "-" : ""}${whole}`;
}

/** 128 bits in two halves, the higher one signed. */
const joined = ({ lower, upper }) => (BigInt(upper) << 64n) + BigInt.asUintN(64, BigInt(lower));

/** A column's cells as texts: one for each row, "-" for NULL. What is absent is null or undefined, as the engine likes. */
function textsOf({ cells: { tag, val }, validity }) {
  const isNull = (row) => Boolean(validity) && ((validity[row >> 3] >> (row & 7)) & 1) === 0;
  const text = (value) => {
    switch (tag) {
      case "decimals":
        return scaled(value, val.scale);
      case "wide-decimals":
        return scaled(joined(value), val.scale);
      case "hugeints":
        return String(joined(value));
      default:
        return String(value);
    }
  };
  return Array.from(val.unscaled ?? val, (value, row) => (isNull(row) ? "-" : text(value)));
}

/** All rows of a result, chunk by chunk, as texts. */
function rowsOf(result) {
  const rows = [];
  for (let chunk = result.next(); chunk; chunk = result.next()) {
    const columns = chunk.columns.map(textsOf);
    for (let row = 0; row < chunk.rows; row += 1) rows.push(columns.map((column) => column[row]));
  }
  return rows;
}

/** A neat table: texts to the left, numbers to the right. */
function tableOf(title, result) {
  const columns = result.columns();
  const rows = rowsOf(result);
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...rows.map((row) => row[index].length)),
  );
  const line = (cells) =>
    cells
      .map((cell, index) =>
        columns[index].kind === "texts" ? cell.padEnd(widths[index]) : cell.padStart(widths[index]),
      )
      .join("  ")
      .trimEnd();
  const heading = line(columns.map(({ name }) => name));
  return [title, "", heading, "-".repeat(heading.length), ...rows.map(line), ""].join("\n");
}

/** Rows that the guest has itself go in by an appender. */
function addProducts(connection) {
  connection.execute("create table products(id INTEGER, name VARCHAR, price DECIMAL(9,2))");
  const appender = connection.append(undefined, "products");
  for (const [id, name] of PRODUCTS.entries()) {
    appender.appendRow([
      { tag: "s32", val: id },
      { tag: "text", val: name },
      { tag: "text", val: (id * 1.5 + 9.99).toFixed(2) },
    ]);
  }
  appender.close();
}

export function report(orders) {
  try {
    const connection = Database.open(":memory:").connect();
    addProducts(connection);
    const insert = connection.prepare(ORDERS);
    insert.bindNamed("orders", { tag: "u32", val: orders });
    insert.execute();
    const best = connection.prepare(BEST);
    const tables = [tableOf(`${orders} orders by region`, connection.query(BY_REGION))];
    for (const year of [2024, 2025]) {
      best.bindNamed("year", { tag: "s32", val: year });
      tables.push(tableOf(`What sold best in ${year}`, best.query()));
    }
    return tables.join("\n");
  } catch (error) {
    throw reasonOf(error);
  }
}

export function query(sql) {
  try {
    const result = Database.open(":memory:").connect().query(sql);
    return rowsOf(result).map((row) => row.join("  "));
  } catch (error) {
    throw reasonOf(error);
  }
}

export const run = {
  run() {
    const text = report(100_000);
    const stdout = getStdout();
    // At most 4096 bytes at once; all of it is ASCII.
    for (let from = 0; from < text.length; from += 4096) {
      const part = text.slice(from, from + 4096);
      stdout.blockingWriteAndFlush(Uint8Array.from(part, (character) => character.charCodeAt(0)));
    }
  },
};
