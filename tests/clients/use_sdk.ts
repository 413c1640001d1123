// The client of hey-api, which sends JSON where a form would do as well: sends a hum straight to storage, makes a moment
// of it, reads the status, meets a problem.
import { createMoment, openUpload, readStatus, validateBlueprint } from "./sdk";
import { client } from "./sdk/client.gen";

async function main(url: string): Promise<void> {
  client.setConfig({ baseUrl: url });
  const file = new Blob([new TextEncoder().encode(`RIFF$\0\0\0WAVEfmt ${"\0".repeat(2000)}`)]);
  const wanted = { content_type: "audio/wav", bytes: file.size };
  const { data: upload } = await openUpload({ body: wanted, throwOnError: true });
  const sent = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: file });
  if (!sent.ok) throw new Error("not sent");
  const body = { upload_id: upload.upload_id, output_kind: "preview" as const, artifacts: ["parts" as const] };
  const accepted = await createMoment({ body, throwOnError: true });
  const status = await readStatus({ path: { job_id: accepted.data.job_id }, throwOnError: true });
  const tempo: number | undefined = status.data.blueprint_json?.tempo_bpm;
  const missing = await readStatus({ path: { job_id: "none" } });
  const review = await validateBlueprint({ body: { tempo_bpm: 7 }, throwOnError: true });
  if (review.data.repaired?.tempo_bpm !== 40) throw new Error("not repaired");
  console.log(JSON.stringify([status.data.status, tempo ?? null, missing.error?.code, missing.error?.retryable]));
}

void main(process.argv[2] ?? "");
