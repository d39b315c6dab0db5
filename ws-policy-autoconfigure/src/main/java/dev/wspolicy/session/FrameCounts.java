package dev.wspolicy.session;

/**
 * What frames of one type have travelled in one direction of a session, counted where
 * they arrive.
 *
 * @param frames the number of frames
 * @param bytes the number of payload bytes
 */
public record FrameCounts(long frames, long bytes) {

}
