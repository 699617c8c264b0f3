import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Clients of one broker, with Kafka's defaults wherever a caller does not say otherwise. Settings are name, value, name, value. */
final class Clients {
  static final String COMMITTED = "read_committed";
  static final String UNCOMMITTED = "read_uncommitted";
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final String brokers;

  Clients(String brokers) {
    this.brokers = brokers;
  }

  Admin admin() {
    return Admin.create(settings());
  }

  KafkaProducer<String, String> producer(String... settings) {
    return new KafkaProducer<>(settings(settings), new StringSerializer(), new StringSerializer());
  }

  /** A producer that has shut out all earlier ones of its id. */
  KafkaProducer<String, String> transactional(String id, String... settings) {
    Properties all = settings(settings);
    all.put("transactional.id", id);
    KafkaProducer<String, String> producer = new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    producer.initTransactions();
    return producer;
  }

  KafkaConsumer<String, String> consumer(String isolation, String... settings) {
    Properties all = settings(settings);
    all.put("isolation.level", isolation);
    all.put("auto.offset.reset", "earliest");
    all.put("enable.auto.commit", "false");
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  /** Creates a topic; its configuration is name, value, name, value. */
  void createTopic(String name, int partitions, String... config) throws Exception {
    try (Admin admin = admin()) {
      NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(mapOf(config));
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  /** The values that transactions committed and others wrote, sorted; waits for the transactions that are open now. */
  List<String> committed(String topic) {
    return valuesOf(topic, COMMITTED);
  }

  /** All values of a topic, also of aborted transactions, sorted. */
  List<String> all(String topic) {
    return valuesOf(topic, UNCOMMITTED);
  }

  private List<String> valuesOf(String topic, String isolation) {
    try (KafkaConsumer<String, String> measuring = consumer(UNCOMMITTED);
        KafkaConsumer<String, String> reading = consumer(isolation)) {
      List<TopicPartition> partitions =
          measuring.partitionsFor(topic).stream().map(each -> new TopicPartition(topic, each.partition())).toList();
      Map<TopicPartition, Long> ends = measuring.endOffsets(partitions);
      reading.assign(partitions);
      reading.seekToBeginning(partitions);
      List<String> values = new ArrayList<>();
      Instant deadline = Instant.now().plus(PATIENCE);
      while (!isAt(reading, ends)) {
        if (Instant.now().isAfter(deadline)) throw new IllegalStateException(isolation + " ends with " + values);
        for (ConsumerRecord<String, String> record : reading.poll(Duration.ofSeconds(1))) values.add(record.value());
      }
      values.sort(null);
      return values;
    }
  }

  private static boolean isAt(KafkaConsumer<String, String> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Sends values and returns when all of them are acknowledged: the first to partition 0, the next to 1 and so on. */
  static void send(KafkaProducer<String, String> producer, String topic, String... values) throws Exception {
    int partition = 0;
    List<Future<?>> sent = new ArrayList<>();
    for (String value : values) sent.add(producer.send(new ProducerRecord<>(topic, partition++, null, value)));
    for (Future<?> each : sent) each.get();
  }

  /** Prints what a test expects: `name: value`. */
  static void tell(String name, Object value) {
    System.out.println(name + ": " + value);
  }

  interface Work {
    void run() throws Exception;
  }

  /** The name of the error that something ends with; of its cause, when a future or a producer that met it before wraps it. */
  static String errorOf(Work work) {
    try {
      work.run();
      return "none";
    } catch (Exception error) {
      boolean isWrapped = error instanceof ExecutionException || error.getClass() == KafkaException.class;
      return (isWrapped && error.getCause() != null ? error.getCause() : error).getClass().getSimpleName();
    }
  }

  private Properties settings(String... more) {
    Properties all = new Properties();
    all.put("bootstrap.servers", brokers);
    all.putAll(mapOf(more));
    return all;
  }

  private static Map<String, String> mapOf(String... pairs) {
    Map<String, String> map = new HashMap<>();
    for (int at = 0; at < pairs.length; at += 2) map.put(pairs[at], pairs[at + 1]);
    return map;
  }
}
