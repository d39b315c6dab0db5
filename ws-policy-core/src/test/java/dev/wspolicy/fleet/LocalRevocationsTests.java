package dev.wspolicy.fleet;

/**
 * Tests for the {@link Revocations} of a gateway that is alone.
 */
class LocalRevocationsTests extends RevocationsContractTests {

	private final TestMember member = new TestMember("only");

	@Override
	protected TestMember member() {
		return this.member;
	}

	@Override
	protected Revocations revocations() {
		return new SentRevocations(this.member.revocations(), new LocalFleet(this.member.gateway()));
	}

}
