package dev.wspolicy.session;

/**
 * What has travelled in one direction of a session, counted where it arrives. What breaks
 * the protocol or a limit does not count.
 *
 * @param frames the number of frames, control frames included
 * @param messages the number of data messages whose end has been seen
 * @param bytes the number of payload bytes
 */
public record TrafficCounts(long frames, long messages, long bytes) {

}
