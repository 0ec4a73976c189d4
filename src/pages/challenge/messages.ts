import { defineText } from '../locale.ts';

export const challengeText = defineText({
  en: {
    title: 'One moment, please',
    says: 'Many requests come from your network just now, more than people usually send.',
    works:
      'Your device shows that a person is waiting by working out a small puzzle. That takes a few seconds, and then it goes on by itself.',
    nothingSent: 'It is worked out on your device alone. Nothing about you is asked or sent.',
    progress: 'Work done',
    working: 'Working …',
    done: 'Done. Going on …',
    failed: 'This browser cannot work it out. You can wait instead.',
    noScript:
      'Without JavaScript, a short wait shows that a person is there: press the button, and the next page says how long.',
    wait: 'Wait a little',
    lockTitle: 'A short wait',
    lock: (seconds: string) => `In ${seconds} seconds you can go on.`,
    lockByItself: 'This page goes on by itself.',
    lockPress: 'Press the button then. Pressed too early, it shows this page once more; your place is kept.',
    goOn: 'Go on',
    tooMany: 'Many wait in your network',
    tooManySays:
      'So many wait here already that it would take minutes. Switch JavaScript on for this shop, or come back a little later. Nothing of yours is lost.',
    again: 'Try again',
    leaveEmpty: 'Leave this empty',
  },
  zh: {
    title: '请稍等',
    says: '目前来自您所在网络的请求比平常多。',
    works: '您的设备会解一道小题，表明有真人在等待。只需几秒钟，完成后会自动继续。',
    nothingSent: '计算只在您的设备上进行，不会询问或发送任何个人信息。',
    progress: '计算进度',
    working: '正在计算……',
    done: '完成，正在继续……',
    failed: '这个浏览器无法完成计算，您可以改为等待。',
    noScript: '没有 JavaScript 时，稍等片刻即可表明有真人在：请按下按钮，下一页会显示需要等多久。',
    wait: '等待片刻',
    lockTitle: '请稍等片刻',
    lock: (seconds: string) => `${seconds} 秒后即可继续。`,
    lockByItself: '到时页面会自动继续。',
    lockPress: '到时请按下按钮。如果按得太早，会再次显示本页，您的次序会保留。',
    goOn: '继续',
    tooMany: '您所在的网络中等待的人很多',
    tooManySays: '等待的人太多，需要好几分钟。请为本店启用 JavaScript，或稍后再来。您的东西都还在。',
    again: '重试',
    leaveEmpty: '请留空',
  },
});
