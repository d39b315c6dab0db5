package dev.wspolicy.benchmarks.micro;

import java.math.BigDecimal;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import tools.jackson.databind.json.JsonMapper;

import dev.wspolicy.policy.FrameContext;
import dev.wspolicy.policy.WsPolicy;
import dev.wspolicy.policy.json.JsonMessagePolicy;
import dev.wspolicy.policy.json.JsonVerdict;

/**
 * A policy as users write them: its messages have a type.
 */
@WsPolicy
final class TypedJson extends JsonMessagePolicy<TypedJson.Order> {

	static final String NAME = "typed-json";

	private final boolean changes;

	TypedJson(JsonMapper mapper, Settings settings) {
		super(mapper, Order.class);
		this.changes = settings.changes();
	}

	@Override
	protected JsonVerdict<Order> apply(Order message, FrameContext context) {
		if (message.items().isEmpty()) {
			return JsonVerdict.drop();
		}
		return this.changes ? JsonVerdict.replace(message.in("support")) : JsonVerdict.forward();
	}

	/**
	 * The settings.
	 *
	 * @param changes whether messages are changed
	 */
	record Settings(@DefaultValue("false") boolean changes) {

	}

	/**
	 * A message.
	 *
	 * @param type what kind of message
	 * @param id which one
	 * @param sent when
	 * @param room to whom
	 * @param user by whom
	 * @param card how it is paid
	 * @param items what is wanted
	 * @param total what it costs
	 * @param text what else is to be said
	 */
	record Order(String type, String id, String sent, String room, User user, @Nullable String card, List<Item> items,
			BigDecimal total, String text) {

		Order in(String otherRoom) {
			return new Order(this.type, this.id, this.sent, otherRoom, this.user, this.card, this.items, this.total,
					this.text);
		}

	}

	/**
	 * Who sends a message.
	 *
	 * @param name the name
	 * @param email the address for mail
	 * @param address the address for parcels
	 */
	record User(String name, String email, Address address) {

	}

	/**
	 * An address.
	 *
	 * @param street the street
	 * @param city the city
	 */
	record Address(String street, String city) {

	}

	/**
	 * One of several things.
	 *
	 * @param sku which thing
	 * @param quantity how many
	 * @param price for how much
	 */
	record Item(String sku, int quantity, BigDecimal price) {

	}

}
