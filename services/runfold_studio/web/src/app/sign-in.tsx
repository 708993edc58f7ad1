/** Asks for the gateway's key. */

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { key } from "@/api/key";
import { useTexts } from "@/i18n/language";
import { shellTexts } from "./texts";

export function SignIn() {
  const t = useTexts(shellTexts);
  const queries = useQueryClient();
  const [value, setValue] = useState("");
  const tried = key.get() !== "";
  const enter = (event: FormEvent) => {
    event.preventDefault();
    key.set(value.trim());
    void queries.resetQueries();
  };
  return (
    <form className="sign-in card stack" onSubmit={enter}>
      <h1>{t.signIn}</h1>
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
  );
}
