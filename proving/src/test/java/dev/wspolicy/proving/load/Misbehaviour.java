package dev.wspolicy.proving.load;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

import dev.wspolicy.testkit.WireFrame;

/**
 * A way to misbehave: what a client sends first, and what it then sends over and over.
 *
 * @param name what it does
 * @param path the route and so the pipeline
 * @param headers further headers of its request
 * @param first what it sends first
 * @param again what it sends over and over; empty for nothing
 * @param pause the time between two writes in nanoseconds
 * @param manner what it does besides
 */
record Misbehaviour(String name, String path, String headers, byte[] first, byte[] again, long pause, Manner manner) {

	private static final long MILLI = 1_000_000;

	private static final byte[] NOTHING = new byte[0];

	/** All known ways. */
	static List<Misbehaviour> all() {
		List<Misbehaviour> all = new ArrayList<>();
		all.add(flood("frames that a policy drops", "/dropping", repeat(WireFrame.text("x"), 8_192)));
		all.add(flood("frames that nobody reads", "/sink", repeat(WireFrame.text("x"), 8_192)));
		all.add(flood("pings", "/sink", repeat(WireFrame.ping("p"), 8_192)));
		all.add(new Misbehaviour("compressed zeros", "/compressed", "Sec-WebSocket-Extensions: permessage-deflate\r\n",
				NOTHING, zeros(), 0, Manner.READS));
		all.add(new Misbehaviour("a million fragments", "/reading", "", WireFrame.text("").fin(false).masked().encode(),
				repeat(WireFrame.continuation("").fin(false), 8_192), 0, Manner.READS));
		all.add(new Misbehaviour("one byte per second", "/reading", "", new byte[] { (byte) 0x81 },
				new byte[] { (byte) 0xFE }, 1000 * MILLI, Manner.READS));
		all.add(new Misbehaviour("never reads", "/push", "", NOTHING, NOTHING, 100 * MILLI, Manner.NEVER_READS));
		all.add(new Misbehaviour("FIN with a verdict pending", "/waiting", "",
				repeat(WireFrame.binary(new byte[1000]), 200), NOTHING, 600 * MILLI, Manner.ENDS));
		all.add(new Misbehaviour("64 KB of headers", "/sink", "X-Long: " + "x".repeat(64 * 1024) + "\r\n", NOTHING,
				NOTHING, MILLI, Manner.READS));
		all.add(flood("text that costs text-pattern most", "/pattern", text("4111 1111 1111 11".repeat(900))));
		all.add(flood("JSON that costs json-redact most", "/redact",
				text("[" + "\"4111 1111 1111 11\",".repeat(800) + "1]")));
		all.add(flood("JSON that costs json-set most", "/set", text("[" + "{},".repeat(5000) + "1]")));
		all.add(flood("JSON that costs json-schema most", "/schema", text("[".repeat(256) + "]".repeat(256))));
		all.add(flood("frames that cost stomp-authorization most", "/stomp",
				text("SEND\ndestination:/app/rooms/a\n\n\0".repeat(250))));
		all.add(flood("queries that cost graphql-limit most", "/graphql", text(
				"{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{ " + "a(b:1) ".repeat(270) + "}\"}}")));
		return all;
	}

	private static Misbehaviour flood(String name, String path, byte[] again) {
		return new Misbehaviour(name, path, "", NOTHING, again, 0, Manner.READS);
	}

	private static byte[] text(String text) {
		return WireFrame.text(text.getBytes(StandardCharsets.UTF_8)).masked().encode();
	}

	private static byte[] repeat(WireFrame frame, int times) {
		byte[] one = frame.masked().encode();
		byte[] all = new byte[one.length * times];
		for (int i = 0; i < times; i++) {
			System.arraycopy(one, 0, all, i * one.length, one.length);
		}
		return all;
	}

	/** Returns a message of 999 bytes that inflates to a megabyte. */
	private static byte[] zeros() {
		Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
		deflater.setInput(new byte[1_000_000]);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		byte[] buffer = new byte[4096];
		int count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
		while (count > 0) {
			bytes.write(buffer, 0, count);
			count = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
		}
		deflater.end();
		byte[] payload = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 4);
		return WireFrame.binary(payload).rsv(4).mask(new Random(1).nextInt()).encode();
	}

	/**
	 * What a client does besides sending.
	 */
	enum Manner {

		/** It reads, and opens another session if its session ends. */
		READS,

		NEVER_READS,

		/** It ends its stream, and opens another session later. */
		ENDS

	}

}
