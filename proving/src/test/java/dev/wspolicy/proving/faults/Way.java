package dev.wspolicy.proving.faults;

/**
 * How the frames of a session go, which decides what each peer sends, and what it may
 * demand of what it receives.
 *
 * @param clientDeflates whether the client compresses messages
 * @param upstreamDeflates whether the upstream does
 * @param wholeMessages whether the gateway holds messages until they are complete, so
 * that what there is of an incomplete one at the end is lost
 */
record Way(boolean clientDeflates, boolean upstreamDeflates, boolean wholeMessages) {

	static final Way PLAIN = new Way(false, false, false);

	/**
	 * Returns what writes the frames of a peer.
	 * @param client whether it is the client
	 * @param agreed the extensions that have been agreed with it
	 */
	FrameWriter writer(boolean client, String agreed) {
		boolean deflates = client ? this.clientDeflates : this.upstreamDeflates;
		if (!deflates) {
			return (number, target, start) -> FrameSequence.write(number, client, target, start);
		}
		if (agreed.isEmpty()) {
			throw new AssertionError("No compression with the " + (client ? "client" : "upstream"));
		}
		String limit = client ? "client_no_context_takeover" : "server_no_context_takeover";
		return new DeflatingWriter(client, !agreed.contains(limit));
	}

	/**
	 * Returns what compares the frames from a peer.
	 * @param fromClient whether they come from the client
	 */
	SequenceComparison comparison(boolean fromClient) {
		boolean same = !this.clientDeflates && !this.upstreamDeflates && !this.wholeMessages;
		return same ? new ExactComparison(fromClient) : new PayloadComparison();
	}

}
