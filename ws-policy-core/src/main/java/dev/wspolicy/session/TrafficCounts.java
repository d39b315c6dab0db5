package dev.wspolicy.session;

/**
 * The traffic in one direction of a session, counted on arrival. A frame that violates
 * the protocol or a limit does not count.
 *
 * @param frames the number of frames, control frames included
 * @param messages the number of complete data messages
 * @param bytes the number of payload bytes
 */
public record TrafficCounts(long frames, long messages, long bytes) {

}
