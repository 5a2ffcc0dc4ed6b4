// Loaded before the server: SIGUSR2 moves its wall clock an hour ahead, the next one back, as a corrected clock does.
const hourMs = 3_600_000;
const now = Date.now.bind(Date);
let aheadMs = 0;

Date.now = () => now() + aheadMs;
process.on('SIGUSR2', () => {
  aheadMs = aheadMs === 0 ? hourMs : 0;
});
