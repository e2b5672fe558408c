// What Serverless Devs asks of its fc3 component, answered without the cloud: deploy, invoke, remove,
// plan and the schema (the file that FC3_SCHEMA names). Options are read, and refused, as the real
// component (0.1.22) does, but for a trigger that s.yaml does not have: that one says so and goes on.
// Nothing is uploaded, and a function answers with the event that it was sent.
const fs = require('fs');
const path = require('path');

// Options that take a value; all others are switches. What none of the lists has is ignored, as there.
const SHORT = { e: 'event', f: 'event-file', y: 'assume-yes' };
const WITH_VALUE = new Set([
  'event', 'event-file', 'function', 'invocation-type', 'qualifier', 'timeout', 'trigger',
]);

function optionsOf(inputs) {
  const options = {};
  const args = [...inputs.args];
  while (args.length) {
    const [flag, value] = args.shift().split(/=(.*)/s);
    const name = SHORT[flag.replace(/^-+/, '')] || flag.replace(/^-+/, '');
    const takes = WITH_VALUE.has(name) && value === undefined && args.length && !args[0].startsWith('-');
    options[name] = takes ? args.shift() : value ?? true;
  }
  return options;
}

class Fc3StandIn {
  async getSchema() {
    return fs.readFileSync(process.env.FC3_SCHEMA, 'utf8');
  }

  async plan(inputs) {
    return inputs.props;
  }

  // A folder or a zip, which the real component uploads as it is, must have the handler's module.
  async deploy(inputs) {
    const { functionName, code, handler, runtime } = inputs.props;
    const triggers = triggersOf(inputs, 'deploy');
    const location = path.resolve(path.dirname(inputs.yaml.path), code);
    const module = `${handler.split('.')[0]}.py`;
    const isThere = code.endsWith('.zip')
      ? fs.existsSync(location) && fs.readFileSync(location).includes(module)
      : fs.existsSync(path.join(location, module));
    if (!isThere) {
      throw new Error(`${code} has no ${module}`);
    }
    return { functionName, runtime, code, triggers, uploaded: false };
  }

  async invoke(inputs) {
    const options = optionsOf(inputs);
    const kind = options['invocation-type'] ?? 'Sync';
    if (!['Sync', 'Async'].includes(kind)) {
      throw new Error(`Invalid 'invocationType': ${kind}. Allowed values are: Sync, Async`);
    }
    let event = options.event;
    if (typeof options['event-file'] === 'string') {
      const file = path.resolve(options['event-file']);
      if (!fs.existsSync(file)) {
        throw new Error(`Cannot find event-file "${options['event-file']}".`);
      }
      event = fs.readFileSync(file, 'utf-8');
    }
    const body = JSON.stringify({ event, kind }, null, 4);
    if (options.silent) {
      return { body };
    }
    process.stdout.write(`===== FC invoke Logs begin =====\nRequestId: 1-stand-in\n${body}\n`);
    return undefined;
  }

  async remove(inputs) {
    return { removed: triggersOf(inputs, 'remove') };
  }
}

// The triggers that a command is for: those that --trigger names, else all.
function triggersOf(inputs, command) {
  const { trigger } = optionsOf(inputs);
  const names = (inputs.props.triggers || []).map((each) => each.triggerName);
  const wanted = typeof trigger === 'string' ? trigger.split(',') : names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length) {
    throw new Error(`${command}: s.yaml has no trigger ${unknown.join(', ')}`);
  }
  return wanted;
}

module.exports.default = Fc3StandIn;
