// The page content leads its window to when it is done: tells the player, which looks at once what has become of it.

for (const player of [window.parent, window.opener]) {
  if (player && player !== window) player.postMessage("returned", location.origin);
}
