// @ts-check
// Its types: hostbundle types examples/greeter_host --output examples/greeter_host/bindings.d.ts

/** @type {import("./bindings.d.ts").Adapter} */
const adapter = {
  open({ bundle, config }) {
    const { greeting = "Hello" } = config;
    if (typeof greeting !== "string") throw new TypeError(`${bundle}: \`greeting\` must be a text`);
    return {
      serve: () => ({
        imports: {
          "example:interface/runtime@1.0.0": { greet: (name) => `${greeting}, ${name}!` },
        },
      }),
    };
  },
};
export default adapter;
