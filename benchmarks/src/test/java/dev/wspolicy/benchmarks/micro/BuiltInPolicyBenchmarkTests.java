package dev.wspolicy.benchmarks.micro;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.context.ConfigurableApplicationContext;

import dev.wspolicy.pipeline.PipelineCatalog;
import dev.wspolicy.pipeline.SessionPipeline;
import dev.wspolicy.session.Side;
import dev.wspolicy.testkit.WireFrame;

import static org.assertj.core.api.Assertions.assertThat;

class BuiltInPolicyBenchmarkTests {

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
	void messagesPassAsTheLineSays(String name) throws IOException {
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

	private static List<byte[]> payloads(EmbeddedChannel channel) throws IOException {
		ByteArrayOutputStream written = new ByteArrayOutputStream();
		for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
			written.writeBytes(ByteBufUtil.getBytes(part));
			part.release();
		}
		ByteArrayInputStream bytes = new ByteArrayInputStream(written.toByteArray());
		List<byte[]> payloads = new ArrayList<>();
		while (bytes.available() > 0) {
			WireFrame frame = WireFrame.read(bytes);
			assertThat(frame.opcode()).isEqualTo(WireFrame.TEXT);
			payloads.add(frame.payload());
		}
		return payloads;
	}

}
