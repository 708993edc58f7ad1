/** A file by its name, its type and its size, and the way to have it. */

import { useState } from "react";
import { download, type FileValue } from "@/api/files";
import { bytes } from "@/i18n/numbers";
import { save } from "./save";
import { Problem } from "./states";
import { visible } from "./visible";

export function FileLink({ file }: { file: FileValue }) {
  const [problem, setProblem] = useState<unknown>(null);
  const name = file.name || file.$file;
  const get = async () => {
    setProblem(null);
    try {
      save(await download(file), name);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <>
      <button
        type="button"
        className="file-link"
        title={file.media_type}
        onClick={() => void get()}
      >
        <span aria-hidden="true">↓</span> <span className="cut">{visible(name)}</span>{" "}
        <span className="muted">{bytes(file.size)}</span>
      </button>
      {problem !== null && <Problem error={problem} />}
    </>
  );
}
