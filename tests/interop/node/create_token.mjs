// Creates an ephemeral token with @google/genai: reads what to ask from stdin, and prints the answer as JSON.

import { readFileSync } from "node:fs";
import { GoogleGenAI } from "@google/genai";

const { client, config } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await new GoogleGenAI(client).authTokens.create({ config })));
