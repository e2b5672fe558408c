// What Serverless Devs asks of its fc3 component, answered without the cloud: it serves the
// component's schema (the file that FC3_SCHEMA names) and, told to deploy, looks at what it was
// given: a folder, or a zip, which the real component uploads as it is.
const fs = require('fs');
const path = require('path');

class Fc3StandIn {
  async getSchema() {
    return fs.readFileSync(process.env.FC3_SCHEMA, 'utf8');
  }

  async plan(inputs) {
    return inputs.props;
  }

  async deploy(inputs) {
    const { functionName, code, handler } = inputs.props;
    const location = path.resolve(path.dirname(inputs.yaml.path), code);
    const module = `${handler.split('.')[0]}.py`;
    const isThere = code.endsWith('.zip')
      ? fs.existsSync(location) && fs.readFileSync(location).includes(module)
      : fs.existsSync(path.join(location, module));
    if (!isThere) {
      throw new Error(`${code} has no ${module}`);
    }
    return { functionName, code, uploaded: false };
  }
}

module.exports.default = Fc3StandIn;
