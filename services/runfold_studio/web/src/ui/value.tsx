/** A value in the way that shows it best: text, a picture, a file, a table, a tree, or plain JSON. */

import { useEffect, useState } from "react";
import { download, type FileValue, isFile } from "@/api/files";
import { useTexts } from "@/i18n/language";
import { FileLink } from "./file-link";
import { ShownValue } from "./shown-value";
import { Problem } from "./states";
import { isTable, ValueTable } from "./value-table";
import { valueTexts } from "./value-texts";
import { ValueTree } from "./value-tree";
import { visible } from "./visible";
import "./value.css";

const WAYS = ["tree", "table", "json"] as const;
type Way = (typeof WAYS)[number];

export function Value({ value, name = "value" }: { value: unknown; name?: string }) {
  if (isFile(value)) return <Picture file={value} />;
  if (typeof value === "string" && value !== "") return <ShownValue value={value} name={name} />;
  if (value === null || typeof value !== "object") return <ValueTree value={value} />;
  return <Structured value={value} name={name} />;
}

function Structured({ value, name }: { value: object; name: string }) {
  const t = useTexts(valueTexts);
  const table = isTable(value);
  const [way, setWay] = useState<Way>(table ? "table" : "tree");
  const ways = WAYS.filter((one) => one !== "table" || table);
  return (
    <div className="stack small-gap">
      <fieldset className="choice bare row" aria-label={t.show}>
        {ways.map((one) => (
          <button
            key={one}
            type="button"
            className="plain small"
            aria-pressed={one === way}
            onClick={() => setWay(one)}
          >
            {t[one]}
          </button>
        ))}
      </fieldset>
      {way === "tree" && <ValueTree value={value} />}
      {way === "table" && table && <ValueTable rows={value} />}
      {way === "json" && <ShownValue value={value} name={name} />}
    </div>
  );
}

/** A file; a picture is shown when somebody asks for it. */
function Picture({ file }: { file: FileValue }) {
  const t = useTexts(valueTexts);
  const [url, setUrl] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  const isPicture = /^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(file.media_type);
  const show = async () => {
    try {
      const bytes = await download(file);
      setUrl(URL.createObjectURL(new Blob([bytes], { type: file.media_type })));
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <div className="stack small-gap">
      <div className="row">
        <FileLink file={file} />
        {isPicture && url === "" && (
          <button type="button" onClick={() => void show()}>
            {t.showPicture}
          </button>
        )}
      </div>
      {url !== "" && <img className="picture" src={url} alt={t.picture(visible(file.name))} />}
      {problem !== null && <Problem error={problem} />}
    </div>
  );
}
