/** Asks for the gateway's key, over whatever is on the page: it goes on from there. */

import { type FormEvent, useRef, useState } from "react";
import { key } from "@/api/key";
import { useTexts } from "@/i18n/language";
import { useModal } from "@/ui/modal";
import { shellTexts } from "./texts";

export function SignIn() {
  const t = useTexts(shellTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  const [value, setValue] = useState("");
  const tried = key.get() !== "";
  const enter = (event: FormEvent) => {
    event.preventDefault();
    key.set(value.trim());
  };
  return (
    // Without a key there is nothing to go back to: it opens again when a browser closes it.
    <dialog
      ref={dialog}
      aria-labelledby="sign-in"
      onCancel={(event) => event.preventDefault()}
      onClose={() => dialog.current?.showModal()}
    >
      <form className="sign-in stack" onSubmit={enter}>
        <h1 id="sign-in">{t.signIn}</h1>
        {tried && <p role="alert">{t.wrongKey}</p>}
        <label>
          {t.key}
          <input
            type="password"
            autoComplete="off"
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        <p className="muted">{t.signInHelp}</p>
        <button className="primary" type="submit">
          {t.enter}
        </button>
      </form>
    </dialog>
  );
}
