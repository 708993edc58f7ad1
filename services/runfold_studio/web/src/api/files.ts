/** Uploads: a file's bytes are stored, and a value that stands for them comes back. */

import { exchange } from "./client";

export type FileValue = {
  $file: string;
  name: string;
  media_type: string;
  size: number;
  kind?: string;
};

export function isFile(value: unknown): value is FileValue {
  return (
    typeof value === "object" && value !== null && typeof (value as FileValue).$file === "string"
  );
}

export async function upload(file: File): Promise<FileValue> {
  const body = new FormData();
  body.append("file", file, file.name);
  const answer = await exchange("post", "/api/files", { body });
  return (await answer.json()) as FileValue;
}

/** The bytes of a file, as the gateway has them. */
export async function download(file: FileValue): Promise<Blob> {
  const answer = await exchange("get", `/api/files/${encodeURIComponent(file.$file)}`, {
    query: { name: file.name },
    accept: "*/*",
  });
  return answer.blob();
}
