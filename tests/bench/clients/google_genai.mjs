// @google/genai, the official JavaScript SDK: the scenario of the command line, its figures printed as JSON.

import { GoogleGenAI } from "@google/genai";

const CHUNK = Buffer.alloc(3200);

function makeClient(port) {
  return new GoogleGenAI({ apiKey: "a-key", httpOptions: { baseUrl: `https://127.0.0.1:${port}` } });
}

async function connectTo(client, model, onmessage = () => {}) {
  return client.live.connect({ model, config: { responseModalities: ["AUDIO"] }, callbacks: { onmessage } });
}

// A session whose turns can be waited for.
async function openSession(port, model) {
  let complete = () => {};
  const opened = { received: 0 };
  opened.session = await connectTo(makeClient(port), model, (message) => {
    const content = message.serverContent;
    for (const part of content?.modelTurn?.parts ?? []) {
      if (part.inlineData) opened.received += Buffer.from(part.inlineData.data, "base64").length;
    }
    opened.received += content?.outputTranscription?.text.length ?? 0;
    if (content?.turnComplete) complete();
  });
  opened.turn = () => new Promise((resolve) => (complete = resolve));
  return opened;
}

function cpuMicroseconds(begun, count) {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / count;
}

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))];
}

const scenarios = {
  async receive(port, { model, count }) {
    const opened = await openSession(port, model);
    const size = Number(model.split("-").at(-2));
    let cpu;
    for (const _ of [1, 2]) {
      opened.received = 0;
      const begun = process.cpuUsage();
      const turn = opened.turn();
      opened.session.sendRealtimeInput({ text: "Speak." });
      await turn;
      if (opened.received !== size * count) throw new Error(`${opened.received} bytes came`);
      cpu = cpuMicroseconds(begun, count);
    }
    return { cpu };
  },

  async send(port, { model, count, bursts }) {
    const { session, turn } = await openSession(port, model);
    let cpu;
    for (const _ of [1, 2]) {
      const begun = process.cpuUsage();
      for (let burst = 0; burst < bursts; burst++) {
        const complete = turn();
        for (let i = 0; i < count; i++) {
          const audio = { data: CHUNK.toString("base64"), mimeType: "audio/pcm;rate=16000" };
          session.sendRealtimeInput({ audio });
        }
        await complete;
      }
      cpu = cpuMicroseconds(begun, count * bursts);
    }
    return { cpu };
  },

  async round_trip(port, { model, warm_up, turns }) {
    const { session, turn } = await openSession(port, model);
    const microseconds = [];
    for (let i = 0; i < warm_up + turns; i++) {
      const begun = performance.now();
      const complete = turn();
      session.sendClientContent({ turns: "Hello?" });
      await complete;
      microseconds.push((performance.now() - begun) * 1000);
    }
    const measured = microseconds.slice(warm_up);
    return { p50: quantile(measured, 0.5), p95: quantile(measured, 0.95) };
  },

  async connect(port, { model, later }) {
    const milliseconds = [];
    let begun = performance.now();
    const client = makeClient(port);
    for (let i = 0; i < 1 + later; i++) {
      const session = await connectTo(client, model);
      milliseconds.push(performance.now() - begun);
      session.close();
      begun = performance.now();
    }
    return { first: milliseconds[0], later: quantile(milliseconds.slice(1), 0.5) };
  },

  async memory(port, { model, sessions }) {
    const client = makeClient(port);
    await connectTo(client, "echo-0");
    const before = process.memoryUsage().rss;
    for (let i = 0; i < sessions; i++) await connectTo(client, model);
    return { kib: (process.memoryUsage().rss - before) / sessions / 1024 };
  },
};

const [name, port, told] = process.argv.slice(2);
console.log(JSON.stringify(await scenarios[name](port, JSON.parse(told))));
process.exit();
