// What Serverless Devs asks of its fc3 component, answered without the cloud: it serves the
// component's schema (the file that FC3_SCHEMA names) and, told to deploy, says what it was given.
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
    const code = path.resolve(inputs.cwd, inputs.props.code);
    const handler = `${inputs.props.handler.split('.')[0]}.py`;
    if (!fs.existsSync(path.join(code, handler))) {
      throw new Error(`The code folder ${inputs.props.code} has no ${handler}`);
    }
    return { functionName: inputs.props.functionName, code: inputs.props.code, uploaded: false };
  }
}

module.exports.default = Fc3StandIn;
