// The types of openapi-typescript with its own client: sends a hum, reads the status, meets a problem.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

async function main(url: string): Promise<void> {
  const api = createClient<paths>({ baseUrl: url });
  const accepted = await api.POST("/v1/create-moment", {
    body: { file: "", blueprint_json: '{"style": "lofi"}', output_kind: "preview" },
    bodySerializer: (fields) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) if (value) form.append(name, typeof value === "string" ? value : JSON.stringify(value));
      form.append("file", new Blob([hum()]), "hum.wav");
      return form;
    },
  });
  if (!accepted.data) throw new Error(accepted.error.detail);
  const path = { job_id: accepted.data.job_id };
  const status = await api.GET("/v1/status/{job_id}", { params: { path } });
  if (!status.data) throw new Error("no status");
  const tempo: number | undefined = status.data.blueprint_json?.tempo_bpm;
  const missing = await api.GET("/v1/status/{job_id}", { params: { path: { job_id: "none" } } });
  const problem: components["schemas"]["ProblemDocument"] | undefined = missing.error;
  console.log(JSON.stringify([status.data.status, tempo ?? null, problem?.code, problem?.retryable]));
}

function hum(): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`RIFF$\0\0\0WAVEfmt ${"\0".repeat(2000)}`);
}

void main(process.argv[2] ?? "");
