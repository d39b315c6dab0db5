package dev.wspolicy.actuate;

import java.util.Map;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What serves the sessions of each route.
 *
 * @param routes the pipelines by the ids of the routes
 */
public record PipelinesDescriptor(Map<String, RoutePipelineDescriptor> routes) implements OperationResponseBody {

}
