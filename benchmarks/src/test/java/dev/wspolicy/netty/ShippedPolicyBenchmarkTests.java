package dev.wspolicy.netty;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ConfigurableApplicationContext;

import dev.wspolicy.benchmarks.micro.Pipelines;
import dev.wspolicy.benchmarks.micro.PolicyLine;
import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.Side;

import static org.assertj.core.api.Assertions.assertThat;

class ShippedPolicyBenchmarkTests {

	private static PipelineCatalog pipelines;

	@BeforeAll
	static void start() {
		try (ConfigurableApplicationContext context = Pipelines.start(List.of())) {
			pipelines = context.getBean(PipelineCatalog.class);
		}
	}

	static Set<String> lines() {
		return PolicyLine.all().keySet();
	}

	@ParameterizedTest
	@MethodSource("lines")
	void messagesPassAsTheLineSays(String name) {
		PolicyLine line = PolicyLine.of(name);
		EmbeddedChannel client = new EmbeddedChannel();
		EmbeddedChannel upstream = new EmbeddedChannel();
		SessionPipeline pipeline = pipelines.resolve(name, "route", line.subprotocol());
		try (BenchmarkSession session = new BenchmarkSession(pipeline, line, client, upstream)) {
			session.read();
			session.read();
		}
		assertThat(line.messageBytes()).hasSize(1024);
		boolean inbound = line.from() == Side.CLIENT;
		List<byte[]> passed = payloads(inbound ? upstream : client);
		assertThat(passed).hasSize(2 * BenchmarkSession.FRAMES);
		if (line.changes()) {
			assertThat(passed).doesNotContain(line.messageBytes());
		}
		else {
			assertThat(passed).containsOnly(line.messageBytes());
		}
		assertThat(payloads(inbound ? client : upstream)).isEmpty();
	}

	private static List<byte[]> payloads(EmbeddedChannel channel) {
		ByteBuf bytes = Unpooled.buffer();
		for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
			bytes.writeBytes(part);
			part.release();
		}
		List<byte[]> payloads = new ArrayList<>();
		while (bytes.isReadable()) {
			assertThat(bytes.readByte()).isEqualTo((byte) 0x81);
			int length = bytes.readUnsignedByte();
			boolean masked = length > 0x7F;
			assertThat(length & 0x7F).isEqualTo(126);
			byte[] payload = new byte[bytes.readUnsignedShort()];
			int key = masked ? bytes.readInt() : 0;
			bytes.readBytes(payload);
			Masks.apply(payload, 0, payload.length, key, 0);
			payloads.add(payload);
		}
		return payloads;
	}

}
