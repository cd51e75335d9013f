// node server.js --port 0 --data DIR --people N [--share-commits]
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serveChat } from './chat.js';
import { openStore } from './store.js';
import { openTokens } from './tokens.js';
import { createWeb } from './web.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string', default: 'data' },
    people: { type: 'string', default: '0' },
    'share-commits': { type: 'boolean', default: false },
  },
});

mkdirSync(values.data, { recursive: true });
const store = openStore(join(values.data, 'chat.db'), { sharesCommits: values['share-commits'] });
store.addPeople(Number(values.people));
const tokens = openTokens(join(values.data, 'secret'));
const server = createServer(createWeb(store, tokens));
// As long as clients keep their idle connections, so that none is closed while a request is on its way.
server.keepAliveTimeout = 65_000;
const chat = serveChat(server, store, tokens);

server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

const stop = async () => {
  await chat.close();
  store.close();
  process.exit();
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
