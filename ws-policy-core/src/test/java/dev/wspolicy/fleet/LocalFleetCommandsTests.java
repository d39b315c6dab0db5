package dev.wspolicy.fleet;

/**
 * Tests for the {@link FleetCommands} of a gateway that is alone.
 */
class LocalFleetCommandsTests extends FleetCommandsContractTests {

	private final TestMember member = new TestMember("only");

	@Override
	protected TestMember member() {
		return this.member;
	}

	@Override
	protected FleetCommands commands() {
		return new LocalFleet(this.member.gateway());
	}

}
