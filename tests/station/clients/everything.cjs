// Sends one of each: an error, a run with a step, a log, a metric, a check-in, a session.
const Sentry = require("@sentry/node");

const lifecycle = process.env.LIFECYCLE;
Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: "tux@2.0.0",
  environment: "test",
  tracesSampleRate: 1,
  enableLogs: true,
  ...(lifecycle ? { traceLifecycle: lifecycle } : {}),
});

async function main() {
  Sentry.setUser({ id: "42" });
  await Sentry.startSpan({ name: "rank", op: "command.slash", forceTransaction: true }, async () => {
    await Sentry.startSpan({ name: "SELECT 1", op: "db" }, async () => {});
    Sentry.captureException(new TypeError("no xp"));
    Sentry.logger.warn("slow query");
    if (Sentry.metrics) Sentry.metrics.count("errors.handled", 3);
  });
  Sentry.captureException(new Error("x".repeat(70000)));
  const checkInId = Sentry.captureCheckIn({ monitorSlug: "expire", status: "in_progress" });
  Sentry.captureCheckIn({ checkInId, monitorSlug: "expire", status: "ok", duration: 1.5 });
  Sentry.startSession();
  Sentry.captureSession(true);
  await Sentry.flush(10000);
  await Sentry.close(10000);
}

main().then(() => process.exit(0));
