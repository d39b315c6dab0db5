package dev.wspolicy.proving.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * What a decoder makes of a stream of bytes, up to a close frame or an error.
 */
final class Reading {

	private static final int SHOWN = 24;

	/** Whole messages and control frames. */
	private final List<Item> items = new ArrayList<>();

	/** The code of the close frame; 1005 for one without a code, 0 for no close frame. */
	int close;

	/** The code with which the sender is refused; 0 if it is not. */
	int error;

	/** Another code that is as right, because there is more than one mistake; or 0. */
	int alternative;

	void add(String type, byte[] payload) {
		this.items.add(Item.of(type, payload));
	}

	List<Item> items() {
		return this.items;
	}

	boolean isOver() {
		return this.close != 0 || this.error != 0;
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof Reading that && this.items.equals(that.items) && this.close == that.close
				&& this.error == that.error;
	}

	@Override
	public int hashCode() {
		return this.items.hashCode();
	}

	@Override
	public String toString() {
		return this.items + ((this.close != 0) ? " close " + this.close : "")
				+ ((this.error != 0) ? " error " + this.error : "");
	}

	/**
	 * A message or a control frame.
	 *
	 * @param type its type
	 * @param length the length of its payload
	 * @param checksum the checksum of its payload
	 */
	record Item(String type, int length, long checksum) {

		static Item of(String type, byte[] payload) {
			CRC32 checksum = new CRC32();
			checksum.update(payload);
			return new Item(type, payload.length, checksum.getValue());
		}

		@Override
		public String toString() {
			return this.type + " " + this.length + ((this.length < SHOWN) ? "" : "!") + " "
					+ Long.toHexString(this.checksum);
		}

	}

}
