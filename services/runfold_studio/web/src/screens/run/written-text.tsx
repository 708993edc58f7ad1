/** Text of nodes and answers as it was streamed, up to the playhead. */

import { useTexts } from "@/i18n/language";
import { OneText } from "./one-text";
import { timeTexts } from "./time-texts";
import { useWorkspace } from "./workspace";

export function WrittenText() {
  const t = useTexts(timeTexts);
  const { data, moment } = useWorkspace();
  const streams = data.streamed.all(moment.until).filter((one) => one.text !== "");
  if (streams.length === 0) return <p className="muted">{t.noText}</p>;
  return (
    <div className="stack written">
      {streams.map((one) => (
        <OneText key={`${one.address} ${one.attempt} ${one.name} ${one.kind}`} stream={one} />
      ))}
    </div>
  );
}
