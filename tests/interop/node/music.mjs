// Makes music with @google/genai: reads what to do from stdin, as javascript_sdk.py writes it, and prints what came, in
// lines of JSON.

import { readFileSync } from "node:fs";
import { GoogleGenAI } from "@google/genai";

const task = JSON.parse(readFileSync(0, "utf8"));

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
  const chunk = message.audioChunk;
  return {
    ready: message.setupComplete,
    audio: chunk?.data,
    mime_type: chunk?.mimeType,
    made_by: chunk?.sourceMetadata,
    filtered: message.filteredPrompt,
  };
}

async function receive(what) {
  for (;;) {
    while (read < events.length) {
      const event = events[read++];
      if ("refusal" in event) return false;
      if (event[what]) return true;
    }
    await new Promise((resolve) => (wake = resolve));
  }
}

async function perform(session) {
  // This SDK does not wait for the answer to the setup itself.
  if (!(await receive("ready"))) return;
  for (const step of task.steps) {
    switch (step.do) {
      case "set_prompts":
        await session.setWeightedPrompts({ weightedPrompts: step.prompts });
        break;
      case "set_config":
        await session.setMusicGenerationConfig({ musicGenerationConfig: step.config });
        break;
      case "play":
        session.play();
        break;
      case "pause":
        session.pause();
        break;
      case "stop":
        session.stop();
        break;
      case "reset_context":
        session.resetContext();
        break;
      case "receive":
        if (!(await receive(step.until))) return;
    }
  }
}

const session = await new GoogleGenAI(task.client).live.music.connect({
  model: task.model,
  callbacks: {
    onmessage: (message) => tell(describe(message)),
    onclose: (event) => closing || tell({ refusal: [event.code, event.reason] }),
  },
});
await perform(session);
closing = true;
session.close();
