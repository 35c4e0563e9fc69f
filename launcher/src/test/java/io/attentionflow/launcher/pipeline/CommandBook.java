package io.attentionflow.launcher.pipeline;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a log of commands says about each task, and what of it must not be: an id twice, a
 * generation out of turn, two open at once, a word after the end. So each task that was decided
 * about has exactly one ALLOCATE or exactly one REJECT of generation 1.
 */
final class CommandBook {

  private final Map<String, Life> lives = new HashMap<>();
  private final Set<String> ids = new HashSet<>();
  private final List<String> violations = new ArrayList<>();

  private static final class Life {
    int generation;
    boolean open;
    boolean over;
  }

  static CommandBook of(Collection<AllocationCommand> log) {
    CommandBook book = new CommandBook();
    log.forEach(book::add);
    return book;
  }

  void add(AllocationCommand command) {
    String id = command.getCommandId();
    Action action = command.getAction();
    int generation = command.getGeneration();
    Life life = lives.computeIfAbsent(command.getTaskId(), unused -> new Life());
    boolean opens = action == Action.ALLOCATE || action == Action.REJECT;
    check(ids.add(id), id + " comes twice");
    check(id.equals(idOf(command)), "%s is the id of %s".formatted(id, idOf(command)));
    check(!life.over, id + " comes after the end");
    if (opens) {
      check(!life.open, "%s is opened beside #%d".formatted(id, life.generation));
      check(generation == life.generation + 1, "%s follows #%d".formatted(id, life.generation));
    } else {
      check(life.open && generation == life.generation, id + " closes what is not open");
    }
    life.generation = generation;
    life.open = action == Action.ALLOCATE;
    life.over = action == Action.REJECT || action == Action.RELEASE;
  }

  private static String idOf(AllocationCommand command) {
    String opened = command.getTaskId() + "#" + command.getGeneration();
    return switch (command.getAction()) {
      case ALLOCATE, RESIZE, REJECT -> opened;
      case PREEMPT, RELEASE -> opened + "/" + command.getAction();
      case UNKNOWN -> throw new IllegalArgumentException("An action of tomorrow: " + command);
    };
  }

  private void check(boolean holds, String violation) {
    if (!holds) {
      violations.add(violation);
    }
  }

  /** A sentence each. */
  List<String> violations() {
    return violations;
  }

  /** The ids of all commands. */
  Set<String> ids() {
    return ids;
  }

  /** Tasks that any command is about. */
  Set<String> tasks() {
    return lives.keySet();
  }

  boolean isOpen(String taskId) {
    Life life = lives.get(taskId);
    return life != null && life.open;
  }

  boolean isOver(String taskId) {
    Life life = lives.get(taskId);
    return life != null && life.over;
  }

  /** The newest generation of a task; 0: none yet. */
  int generation(String taskId) {
    Life life = lives.get(taskId);
    return life == null ? 0 : life.generation;
  }
}
