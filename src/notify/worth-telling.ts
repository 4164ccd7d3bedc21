import type { NotifySettings } from "../config/notify-model.ts";
import type { Notification } from "./notification.ts";

/** The parts of a notification that somebody listens to; null when nobody does. */
export function worthTelling(notification: Notification, { fifos, mail }: NotifySettings): Notification | null {
  const { target, scripts } = notification;
  const fifo = fifos.some(({ events }) => events === "all" || events === notification.fifo?.events)
    ? notification.fifo
    : null;
  const alert = mail === null ? null : notification.mail;
  return scripts.length === 0 && fifo === null && alert === null ? null : { target, scripts, fifo, mail: alert };
}
