package dev.wspolicy.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Finds messages in the bytes of one connection, however they are cut.
 */
interface MessageScanner {

	void scan(ByteBuffer in) throws IOException;

}
