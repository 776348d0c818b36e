// Holds one conversation with @google/genai: reads it from stdin, as javascript_sdk.py writes it, and prints what
// came, in lines of JSON, as conversation.py reads them.

import { readFileSync } from "node:fs";
import { GoogleGenAI } from "@google/genai";
import { OAuth2Client } from "google-auth-library";

const conversation = JSON.parse(readFileSync(0, "utf8"));

const events = [];
let read = 0;
let closing = false;
let wake = () => {};

function tell(event) {
  console.log(JSON.stringify(event));
  events.push(event);
  wake();
}

function describe(message) {
  const content = message.serverContent ?? {};
  const told = {
    text: message.text,
    audio: message.data,
    input_transcription: content.inputTranscription?.text,
    output_transcription: content.outputTranscription?.text,
    calls: message.toolCall?.functionCalls,
    interrupted: content.interrupted,
    generation_complete: content.generationComplete,
    usage: message.usageMetadata,
    // This SDK has no reader of turns: its callers look for the end themselves. google-genai does it like this.
    complete: content.interactionStatus ? content.interactionStatus === "IDLE" : content.turnComplete,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value));
}

// Reads until something comes; resolves to whether it came before the connection ended.
async function receive(what) {
  for (;;) {
    while (read < events.length) {
      const event = events[read++];
      if ("refusal" in event) return false;
      if (what in event) return true;
    }
    await new Promise((resolve) => (wake = resolve));
  }
}

function connect() {
  const options = conversation.client;
  if (conversation.token) {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: conversation.token, expiry_date: Date.now() + 3600 * 1000 });
    options.googleAuthOptions = { authClient };
  }
  return new GoogleGenAI(options).live.connect({
    model: conversation.model,
    config: conversation.config,
    callbacks: {
      onmessage: (message) => tell(describe(message)),
      onclose: (event) => closing || tell({ refusal: [event.code, event.reason] }),
    },
  });
}

async function converse(session) {
  for (const step of conversation.steps) {
    switch (step.do) {
      case "say":
        session.sendClientContent({ turns: step.text });
        break;
      case "say_in_realtime":
        session.sendRealtimeInput({ text: step.text });
        break;
      case "speak":
        session.sendRealtimeInput({ audio: { data: step.audio, mimeType: step.mime_type } });
        break;
      case "end_audio":
        session.sendRealtimeInput({ audioStreamEnd: true });
        break;
      case "answer_call": {
        const { id, name } = events.findLast((event) => "calls" in event).calls.at(-1);
        session.sendToolResponse({ functionResponses: { id, name, response: step.response } });
        break;
      }
      case "receive":
        if (!(await receive(step.until))) return;
    }
  }
}

try {
  const session = await connect();
  tell({ session_id: session.setupComplete.sessionId ?? null });
  await converse(session);
  closing = true;
  session.close();
} catch (error) {
  // A refused setup rejects connect(), too, after onclose has told of it.
  if (!events.some((event) => "refusal" in event)) throw error;
}
