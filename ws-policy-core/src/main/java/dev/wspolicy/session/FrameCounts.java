package dev.wspolicy.session;

/**
 * The frames of one type in one direction of a session, counted on arrival.
 *
 * @param frames the number of frames
 * @param bytes the number of payload bytes
 */
public record FrameCounts(long frames, long bytes) {

}
