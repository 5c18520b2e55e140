// React 19 comes as CommonJS modules alone. This runs them as a bundler would.
const modules = {
  react: "react-19/cjs/react.production.js",
  scheduler: "react-dom-19/node_modules/scheduler/cjs/scheduler.production.js",
  "react-dom": "react-dom-19/cjs/react-dom.production.js",
  "react-dom/client": "react-dom-19/cjs/react-dom-client.production.js",
};
const ready = {};
window.react = async () => {
  for (const name in modules) {
    const answer = await fetch("{{lib}}/" + modules[name]);
    if (!answer.ok) throw Error(modules[name] + " is not there");
    const module = { exports: {} };
    new Function("module", "exports", "require", "process", await answer.text())(module, module.exports, (of) => ready[of], { env: {} });
    ready[name] = module.exports;
  }
  return { ...ready.react, ...ready["react-dom/client"] };
};
