package dev.wspolicy.fleet;

/**
 * Tests for the {@link SessionDirectory} of a gateway that is alone.
 */
class LocalSessionDirectoryTests extends SessionDirectoryContractTests {

	private final TestMember member = new TestMember("only");

	@Override
	protected TestMember member() {
		return this.member;
	}

	@Override
	protected SessionDirectory directory() {
		return new LocalFleet(this.member.gateway());
	}

}
