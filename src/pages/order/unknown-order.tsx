import { localPath } from '../locale.ts';
import { renderDocument } from '../shell/document.tsx';
import type { Shell } from '../shell/shell.ts';
import { orderText } from './messages.ts';

export function renderUnknownOrder(shell: Shell): string {
  const text = orderText(shell.locale);
  return renderDocument(
    shell,
    { title: text.unknownTitle, path: '/account', isPrivate: true },
    <section class="message-page">
      <p class="message-page__code">404</p>
      <h1>{text.unknownTitle}</h1>
      <p class="lead">{text.unknown}</p>
      <p class="actions">
        <a class="button" href={localPath(shell.locale, '/orders')}>
          {text.knownTitle}
        </a>
        <a class="button button--quiet" href={localPath(shell.locale, '/')}>
          {text.again}
        </a>
      </p>
    </section>,
  );
}
