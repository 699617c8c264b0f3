import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What transactional Java programs do, one scenario a run: {@code TransactionScenarios <brokers> <scenario>}. The scenario's
 * name is its topic, transactional id and group. It prints what it saw; the test knows what that should be.
 */
final class TransactionScenarios {
  private final Clients clients;
  private final String name;

  private TransactionScenarios(Clients clients, String name) {
    this.clients = clients;
    this.name = name;
  }

  public static void main(String[] args) throws Exception {
    TransactionScenarios scenarios = new TransactionScenarios(new Clients(args[0]), args[1]);
    switch (args[1]) {
      case "visibility" -> scenarios.visibility();
      case "held-back" -> scenarios.heldBack();
      case "transform" -> scenarios.transform();
      case "fencing" -> scenarios.fencing();
      case "timeout" -> scenarios.timeout();
      case "epoch-bump" -> scenarios.epochBump();
      default -> throw new IllegalArgumentException(args[1]);
    }
  }

  /** One transaction over two partitions is aborted, one committed. */
  private void visibility() throws Exception {
    clients.createTopic(name, 2);
    try (KafkaProducer<String, String> producer = clients.transactional(name)) {
      producer.beginTransaction();
      Clients.send(producer, name, "aborted 0", "aborted 1");
      producer.abortTransaction();
      producer.beginTransaction();
      Clients.send(producer, name, "committed 0", "committed 1");
      producer.commitTransaction();
    }
    Clients.tell("committed", clients.committed(name));
    Clients.tell("all", clients.all(name));
  }

  /** A record that belongs to no transaction stands behind an open one. */
  private void heldBack() throws Exception {
    clients.createTopic(name, 1);
    TopicPartition partition = new TopicPartition(name, 0);
    List<TopicPartition> partitions = List.of(partition);
    try (KafkaProducer<String, String> producer = clients.transactional(name);
        KafkaProducer<String, String> plain = clients.producer();
        KafkaConsumer<String, String> everything = clients.consumer(Clients.UNCOMMITTED);
        KafkaConsumer<String, String> reader = clients.consumer(Clients.COMMITTED)) {
      producer.beginTransaction();
      Clients.send(producer, name, "open");
      Clients.send(plain, name, "behind");
      Clients.tell("end for everything", everything.endOffsets(partitions).get(partition));
      Clients.tell("end for committed", reader.endOffsets(partitions).get(partition));
      Clients.tell("found by time", reader.offsetsForTimes(Map.of(partition, 0L)).get(partition));
      reader.assign(partitions);
      List<String> values = new ArrayList<>();
      // A fetch that was answered has had its chance to bring something.
      while (fetchesOf(reader) < 1) poll(reader, values);
      Clients.tell("while open", values);
      producer.commitTransaction();
      while (values.size() < 2) poll(reader, values);
      Clients.tell("once committed", values);
    }
  }

  /** Every third round of a consume-transform-produce loop is aborted; then a member that has left commits offsets. */
  private void transform() throws Exception {
    int count = 60;
    String[] group = {"group.id", name, "max.poll.records", "7"};
    String results = name + "-results";
    clients.createTopic(name, 2);
    clients.createTopic(results, 2);
    try (KafkaProducer<String, String> plain = clients.producer()) {
      for (int at = 0; at < count; at += 2) Clients.send(plain, name, String.valueOf(at), String.valueOf(at + 1));
    }
    try (KafkaProducer<String, String> producer = clients.transactional(name)) {
      ConsumerGroupMetadata pastMember;
      try (KafkaConsumer<String, String> consumer = clients.consumer(Clients.COMMITTED, group)) {
        consumer.subscribe(List.of(name));
        int done = 0;
        for (int round = 1; done < count; ) {
          ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(1));
          if (records.isEmpty()) continue;
          producer.beginTransaction();
          for (ConsumerRecord<String, String> record : records) {
            producer.send(new ProducerRecord<>(results, record.partition(), null, record.value()));
          }
          // An abort forgets what has not been sent yet: these shall be in the log, to be left out by readers.
          producer.flush();
          producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata());
          if (round++ % 3 == 0) {
            producer.abortTransaction();
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
            committed.forEach((partition, offset) -> consumer.seek(partition, offset == null ? 0 : offset.offset()));
          } else {
            producer.commitTransaction();
            done += records.count();
          }
        }
        Clients.tell("offsets", offsetsOf(consumer));
        pastMember = consumer.groupMetadata();
      }
      List<String> committed = clients.committed(results);
      Clients.tell("results", committed.size());
      Clients.tell("different results", committed.stream().distinct().count());
      Clients.tell("with aborted ones", clients.all(results).size() > count);

      Map<TopicPartition, OffsetAndMetadata> tooLow = Map.of(new TopicPartition(name, 0), new OffsetAndMetadata(1));
      producer.beginTransaction();
      Clients.tell("past member", Clients.errorOf(() -> producer.sendOffsetsToTransaction(tooLow, pastMember)));
      producer.abortTransaction();
    }
    try (KafkaConsumer<String, String> consumer = clients.consumer(Clients.COMMITTED, group)) {
      Clients.tell("offsets afterwards", offsetsOf(consumer));
    }
  }

  /** A second producer takes the id over, and an administrator takes it from that one. */
  private void fencing() throws Exception {
    clients.createTopic(name, 1);
    try (KafkaProducer<String, String> first = clients.transactional(name)) {
      first.beginTransaction();
      Clients.send(first, name, "first");
      try (KafkaProducer<String, String> second = clients.transactional(name);
          Admin admin = clients.admin()) {
        Clients.tell("first", Clients.errorOf(first::commitTransaction));
        second.beginTransaction();
        Clients.send(second, name, "second");
        second.commitTransaction();
        second.beginTransaction();
        Clients.send(second, name, "fenced");
        admin.fenceProducers(List.of(name)).all().get();
        Clients.tell("second", Clients.errorOf(second::commitTransaction));
      }
    }
    Clients.tell("committed", clients.committed(name));
  }

  /** A producer leaves its transaction alone for longer than its timeout. */
  private void timeout() throws Exception {
    clients.createTopic(name, 1);
    try (KafkaProducer<String, String> slow = clients.transactional(name, "transaction.timeout.ms", "1000");
        KafkaProducer<String, String> plain = clients.producer()) {
      slow.beginTransaction();
      Clients.send(slow, name, "abandoned");
      Clients.send(plain, name, "behind");
      Clients.tell("committed", clients.committed(name));
      Clients.tell("slow", Clients.errorOf(slow::commitTransaction));
    }
  }

  /** A record that the broker refuses ends its transaction, but not its producer: that goes on under its next epoch. */
  private void epochBump() throws Exception {
    clients.createTopic(name, 1, "max.message.bytes", "1000");
    try (KafkaProducer<String, String> producer = clients.transactional(name)) {
      producer.beginTransaction();
      Clients.send(producer, name, "aborted");
      Clients.tell("too large", Clients.errorOf(() -> Clients.send(producer, name, "x".repeat(5_000))));
      // The answer above can be here before the client has taken notice itself. Offsets go through the thread that does.
      Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(new TopicPartition(name, 0), new OffsetAndMetadata(1));
      ConsumerGroupMetadata group = new ConsumerGroupMetadata(name);
      Clients.tell("offsets", Clients.errorOf(() -> producer.sendOffsetsToTransaction(offsets, group)));
      Clients.tell("commit", Clients.errorOf(producer::commitTransaction));
      producer.abortTransaction();
      for (String value : List.of("next", "last")) {
        producer.beginTransaction();
        Clients.send(producer, name, value);
        producer.commitTransaction();
      }
    }
    Clients.tell("committed", clients.committed(name));
  }

  private Map<Integer, Long> offsetsOf(KafkaConsumer<String, String> consumer) {
    return consumer.committed(Set.of(new TopicPartition(name, 0), new TopicPartition(name, 1))).entrySet().stream()
        .collect(toMap(each -> each.getKey().partition(), each -> each.getValue().offset()));
  }

  private static void poll(KafkaConsumer<String, String> consumer, List<String> values) {
    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) values.add(record.value());
  }

  private static double fetchesOf(KafkaConsumer<String, String> consumer) {
    return consumer.metrics().entrySet().stream()
        .filter(each -> each.getKey().name().equals("fetch-total") && each.getKey().tags().size() == 1)
        .mapToDouble(each -> (double) each.getValue().metricValue())
        .sum();
  }
}
