package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class JdkTests {

	@TempDir
	Path home;

	@Test
	void versionIsThatOfItsReleaseFile() throws IOException {
		Jdk jdk = jdk("25.0.1");
		assertThat(jdk.feature()).isEqualTo(25);
		assertThat(jdk.executable("java")).isEqualTo(this.home.resolve("bin/java").toString());
	}

	@Test
	void laterJdksGetWhatNettyNeeds() throws IOException {
		assertThat(jdk("17.0.15").nettyArgs()).isEmpty();
		assertThat(jdk("24").nettyArgs()).isEqualTo(jdk("25.0.1").nettyArgs()).hasSize(2);
	}

	@Test
	void directoryWithoutReleaseFileIsNone() {
		assertThatIllegalArgumentException().isThrownBy(() -> Jdk.in(this.home))
			.withMessage("'" + this.home + "' (expected: the directory of a JDK)");
	}

	@Test
	void runningJdkIsTheSameAsInItsDirectory() {
		Jdk running = Jdk.running();
		assertThat(Jdk.in(running.home()).feature()).isEqualTo(running.feature());
	}

	@Test
	void gatewayOnItIsAVariant() throws IOException {
		Gateway gateway = Gateway.stock(JavaCommand.ofThis()).on(jdk("25.0.1"));
		assertThat(gateway.name()).isEqualTo("stock-jdk25");
		assertThat(gateway.base()).isEqualTo("stock");
		assertThat(gateway.title()).isEqualTo("stock Gateway, JDK 25");
		Site site = new Site(1, 2, this.home, List.of(), null, false);
		assertThat(gateway.command(site)).startsWith(this.home.resolve("bin/java").toString());
	}

	private Jdk jdk(String version) throws IOException {
		Files.writeString(this.home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
		return Jdk.in(this.home);
	}

}
