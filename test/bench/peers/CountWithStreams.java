import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams counting a topic by key in windows of a second, a record for each key of a closed window: {@code
 * CountWithStreams <brokers> <application> <state folder> <source> <target> <records>}. Ends when so many records are in
 * windows that have come out.
 */
final class CountWithStreams {
  private static final Duration SIZE = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofMillis(50);

  private long left;
  private final CountDownLatch done = new CountDownLatch(1);
  private boolean failed;

  private CountWithStreams(long records) {
    left = records;
  }

  public static void main(String[] args) throws Exception {
    CountWithStreams count = new CountWithStreams(Long.parseLong(args[5]));
    KafkaStreams streams = new KafkaStreams(count.topology(args[3], args[4]), settings(args[0], args[1], args[2]));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          count.failed = true;
          count.done.countDown();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    count.done.await();
    streams.close();
    System.exit(count.failed ? 1 : 0);
  }

  private Topology topology(String source, String target) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(source, Consumed.with(Serdes.String(), Serdes.String()))
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(SIZE, GRACE))
        // Without its cache, which would hold counts back from what waits for the end of their window until a commit.
        .count(
            Materialized.<String, Long>as(
                    Stores.inMemoryWindowStore("counts", SIZE.plus(GRACE).multipliedBy(4), SIZE, false))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.Long())
                .withCachingDisabled())
        .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()))
        .toStream()
        .peek((key, count) -> countDown(count))
        .map(
            (key, count) ->
                KeyValue.pair(
                    key.window().start() + "/" + key.window().end() + "/" + key.key(), String.valueOf(count)))
        .to(target, Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  private void countDown(long count) {
    left -= count;
    if (left == 0) done.countDown();
  }

  private static Properties settings(String brokers, String application, String stateFolder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    return settings;
  }
}
