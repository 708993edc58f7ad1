/** What is pinned of a node, case by case: to be looked at, changed and removed. */

import { TreeField } from "@/forms/value-field";
import { idOf, type Pin, pinsOf, withoutPin, withReply } from "@/graph/pins";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { pinTexts } from "./pin-texts";
import type { Session } from "./session";
import { usePart } from "./use-session";

export function Pins({ session, address }: { session: Session; address: string }) {
  const t = useTexts(pinTexts);
  const value = usePart(session.store, (state) => state.drawn.document.value);
  const pins = pinsOf(value, address);
  if (pins.length === 0) return null;
  return (
    <section className="form-group" aria-label={t.pins}>
      <h4>⚑ {t.pins}</h4>
      <p className="field-help">{t.pinsHelp}</p>
      {pins.map((pin) => (
        <OnePin
          key={`${pin.case.index} ${pin.key}`}
          session={session}
          pin={pin}
          isWhole={pin.key === idOf(address)}
        />
      ))}
    </section>
  );
}

function OnePin({ session, pin, isWhole }: { session: Session; pin: Pin; isWhole: boolean }) {
  const t = useTexts(pinTexts);
  const name = t.inCase(visible(pin.case.name));
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={`pin-${pin.case.index}-${pin.key}`}>{name}</label>
        {!isWhole && <span className="muted">{t.ofAddress(visible(pin.key))}</span>}
        <button
          type="button"
          className="plain remove"
          aria-label={t.unpin(visible(pin.case.name))}
          onClick={() => session.edit((document) => withoutPin(document, pin))}
        >
          ✕
        </button>
      </div>
      <TreeField
        id={`pin-${pin.case.index}-${pin.key}`}
        label={name}
        language="json"
        value={pin.reply}
        set={(next) =>
          session.edit(
            (document) => withReply(document, pin, next ?? null),
            `pin ${pin.case.index} ${pin.key}`,
          )
        }
      />
    </div>
  );
}
