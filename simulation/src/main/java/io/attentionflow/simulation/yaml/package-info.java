/** Records read from YAML that a person wrote, with errors that name the place. */
@NullMarked
package io.attentionflow.simulation.yaml;

import org.jspecify.annotations.NullMarked;
