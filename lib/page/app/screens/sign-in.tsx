// A key, once; over the screen that needs it, so that nothing typed there is lost.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Refusal } from '../base/api.ts';
import { session, signIn } from '../base/session.ts';
import { t } from '../base/strings.ts';

export function SignIn({ onDone }: { onDone: () => void }) {
  const key = useSignal('');
  const refusal = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    refusal.value = '';
    try {
      await signIn(key.value.trim());
      onDone();
    } catch (error) {
      refusal.value = error instanceof Refusal ? error.message : String(error);
      field.current?.focus();
    }
  };
  return (
    <form class="sign-in" onSubmit={(event) => void send(event)} noValidate aria-labelledby="sign-in">
      <h1 id="sign-in" tabIndex={-1}>
        {t.signIn.title}
      </h1>
      {session.value !== undefined && <p>{t.signIn.ended}</p>}
      <label for="key">{t.signIn.key}</label>
      <input
        id="key"
        ref={field}
        type="password"
        autocomplete="current-password"
        aria-describedby="key-hint"
        aria-invalid={refusal.value !== ''}
        value={key.value}
        onInput={({ currentTarget }) => {
          key.value = currentTarget.value;
        }}
      />
      <p id="key-hint" class="quiet">
        {t.signIn.hint}
      </p>
      {refusal.value !== '' && (
        <p class="wrong" role="alert">
          {refusal.value}
        </p>
      )}
      <button type="submit">{t.signIn.act}</button>
    </form>
  );
}
