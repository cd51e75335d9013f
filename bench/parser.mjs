/// The official parser, measured when asked: a line `{"case":0,"operation":"encode","runs":1000}` is
/// answered by the nanoseconds of one run. The cases come with the first line.
import { createInterface } from 'node:readline';
import { Decoder, Encoder, PacketType } from '../end2end/node_modules/socket.io-parser/build/esm/index.js';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const cases = JSON.parse((await lines.next()).value).map(({ payload, bytes }) => {
  if (bytes) payload.content = Buffer.alloc(bytes, 7);
  return { type: PacketType.EVENT, nsp: '/chat', id: 12, data: ['message', payload] };
});
const encoder = new Encoder();
const encoded = cases.map((packet) => encoder.encode(packet));
let kept = 0;

const operations = {
  encode(index) {
    kept += encoder.encode(cases[index]).length;
  },
  decode(index) {
    const decoder = new Decoder();
    decoder.on('decoded', (packet) => (kept += packet.data.length));
    for (const part of encoded[index]) decoder.add(part);
  },
};

for await (const line of lines) {
  const { case: index, operation, runs } = JSON.parse(line);
  const started = process.hrtime.bigint();
  for (let run = 0; run < runs; run += 1) operations[operation](index);
  console.log(Number(process.hrtime.bigint() - started) / runs);
}
if (!kept) process.exitCode = 1;
