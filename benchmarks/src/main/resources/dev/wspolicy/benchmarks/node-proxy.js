// A proxy that receives and sends messages with ws.
// Arguments: the directory of ws, the port, the port of the upstream, whether to compress
const [directory, port, upstream, compressed] = process.argv.slice(2);
const { WebSocket, WebSocketServer } = require(directory);
// As short as the messages that ws-policy compresses by default
const perMessageDeflate = compressed === 'true' ? { threshold: 64 } : false;

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), backlog: 4096, perMessageDeflate });
server.on('connection', (client, request) => {
	const target = new WebSocket(`ws://127.0.0.1:${upstream}${request.url}`, { perMessageDeflate });
	let early = [];
	client.on('message', (data, binary) => early ? early.push([data, binary]) : target.send(data, { binary }));
	target.on('open', () => {
		early.forEach(([data, binary]) => target.send(data, { binary }));
		early = null;
	});
	target.on('message', (data, binary) => client.send(data, { binary }));
	client.on('close', () => target.close(1000));
	target.on('close', () => client.close(1000));
	client.on('error', () => target.terminate());
	target.on('error', () => client.terminate());
});
