import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Kafka Streams counting words exactly once: {@code WordCount <brokers> <application> <state folder> <lines> <counts>}. Words
 * reach the counts through a repartition topic, the counts are kept in a changelog topic. Runs until it is ended; prints
 * its state and how many counts it has restored.
 */
final class WordCount {
  public static void main(String[] args) throws Exception {
    KafkaStreams streams = new KafkaStreams(topology(args[3], args[4]), settings(args[0], args[1], Path.of(args[2])));
    streams.setStateListener((now, before) -> Clients.tell("state", now));
    streams.setGlobalStateRestoreListener(new TellRestored());
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private static Topology topology(String lines, String counts) {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(lines, Consumed.with(Serdes.String(), Serdes.String()))
        .flatMapValues(line -> Arrays.asList(line.split(" ")))
        .groupBy((key, word) -> word, Grouped.with("words", Serdes.String(), Serdes.String()))
        .count(
            Named.as("count"),
            Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts").withKeySerde(Serdes.String()))
        .toStream()
        .mapValues(String::valueOf)
        .to(counts, Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  private static Properties settings(String brokers, String application, Path stateFolder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
    // No cache: each word brings out a count of its own, so that a doubled or a lost one shows.
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(StreamsConfig.REPARTITION_PURGE_INTERVAL_MS_CONFIG, 500);
    // What a killed process leaves is over after these: its place in the group and its open transaction.
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6_000);
    settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 1_000);
    settings.put(StreamsConfig.producerPrefix("transaction.timeout.ms"), 6_000);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // What is counted is sent at once, so that a kill leaves something to be aborted.
    settings.put(StreamsConfig.producerPrefix("linger.ms"), 0);
    return settings;
  }

  private static final class TellRestored implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {}

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long offset, long count) {}

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
      Clients.tell("restored", total);
    }
  }
}
