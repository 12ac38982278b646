// A small app in Slack's JavaScript framework. It knows of the local workspace only what its environment says.
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const bolt = require('@slack/bolt');

const { SLACK_API_URL, SLACK_APP_TOKEN, SLACK_BOT_TOKEN } = process.env;
const app = new bolt.App({
  token: SLACK_BOT_TOKEN,
  appToken: SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: SLACK_API_URL },
  logLevel: bolt.LogLevel.WARN,
});

const plain = (text) => ({ type: 'plain_text', text });
const button = { type: 'actions', block_id: 'acts', elements: [{ type: 'button', action_id: 'order.show', text: plain('Show'), value: 'card-1' }] };
const name = { type: 'input', block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input', action_id: 'a' } };

app.command('/order', async ({ ack, body, client, command, respond }) => {
  if (command.text === 'modal') {
    await ack();
    await client.views.open({
      trigger_id: body.trigger_id,
      view: { type: 'modal', callback_id: 'm', private_metadata: command.channel_id, title: plain('Name'), submit: plain('Send'), blocks: [name] },
    });
  } else {
    await ack(`looking for ${command.text}`);
    await respond({ text: 'found', blocks: [button], response_type: 'in_channel' });
  }
});

app.view('m', async ({ ack, client, view }) => {
  const typed = view.state.values.name.a.value;
  if (typed === 'bad') {
    await ack({ response_action: 'errors', errors: { name: 'Not this one' } });
  } else {
    await ack();
    await client.chat.postMessage({ channel: view.private_metadata, text: `hello ${typed}` });
  }
});

app.action('order.show', async ({ ack, body, client }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `shown to ${body.user.username}` });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [button] } });
});

await app.start();
console.log('ready');
